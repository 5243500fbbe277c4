"""The conformance kit for adapters, held to adapters that are right and to such as are not."""
