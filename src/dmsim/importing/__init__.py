"""A log of what a service really carried, as a trace."""
