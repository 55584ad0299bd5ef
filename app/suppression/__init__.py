"""What is held back or learned, on the screens: shelvings, nuisances, habits of cameras."""
