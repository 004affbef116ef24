/**
 * The map and faults suites: address spaces that are mapped, forked, locked and paged out, and a
 * CPU whose page faults {@code vm_fault} serves, against a model of what each page holds.
 */
@NullMarked
package dev.kmemu.campaign.map;

import org.jspecify.annotations.NullMarked;
