/** Receptive fields that are found by the gradient of a network which takes seconds. What is calculated of these networks takes none. */
export const largeFields: RegExp = /(?:vgg16|googlenet)\/by-gradient/;
