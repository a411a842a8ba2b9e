/** A module that is no handler. */
export const nothing = true;
