"""What is held back or learned from officers: shelvings, nuisances, places, habits."""
