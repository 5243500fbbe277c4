"""A judged replay as one HTML file."""
