"""What pages, the CLI and exports show, as plain values."""
