"""What others write and read: one file per format."""
