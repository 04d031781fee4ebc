// Trains a small network on handwritten digits and prints how well it reads new ones.
export {};
