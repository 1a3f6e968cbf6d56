"""What can be asked over HTTP to explore the catalog: `realtime.explore.routes` has it all."""
