/** The admin that commands on the server's own machine act as. Nobody to ask for help: it is no person. */
export const LOCAL_MEMBER = 'local'
