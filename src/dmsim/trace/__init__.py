"""The trace: schema, writer, reader, digest."""
