"""What changes bytes: `params.yaml`, read and checked."""
