"""An Argilla server on this machine, without Docker and Elasticsearch: its search index, its start."""
