"""Where sound comes from: microphone, file, network stream, standard input."""
