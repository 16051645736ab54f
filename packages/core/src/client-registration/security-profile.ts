/** A set of rules that others wrote, chosen for the server or for one client: what it demands stands where it is enforced. */
export type SecurityProfile = 'none' | 'fapi2' | 'fapi2-message-signing' | 'fapi1-advanced' | 'brazil'
