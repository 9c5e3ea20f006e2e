"""What a release holds beside its rows: card, figures, metadata, licences, manifest."""
