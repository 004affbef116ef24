package dev.kmemu.campaign.pmap;

/** What the guest does at an address, in the order of the suite's operand. */
enum AccessType {
  LOAD,
  STORE,
  FETCH
}
