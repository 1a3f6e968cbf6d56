"""The command line: `nowhear COMMAND`. Each group of commands stands in a module of its own."""
