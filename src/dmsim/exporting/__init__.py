"""A trace in the formats of other tools: CSV, NDJSON, SQL, HAR."""
