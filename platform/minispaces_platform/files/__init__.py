"""A Space's files as people see and change them: trees, blobs, history, diffs, blame, the editor."""
