// Batches grow here.
