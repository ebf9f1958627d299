"""What the answers of exercises 15 must satisfy."""
