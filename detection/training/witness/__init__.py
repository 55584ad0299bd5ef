"""How the second witness is made: crops, a frozen backbone, a fitted last layer, two files out."""
