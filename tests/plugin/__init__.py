"""An adapter as another package brings it along, for a service that speaks no HTTP."""
