"""Taking what a catalog knows elsewhere and back: HDF5, Parquet, NPZ; TensorBoard's projector."""
