// Diagnostics grow here.
