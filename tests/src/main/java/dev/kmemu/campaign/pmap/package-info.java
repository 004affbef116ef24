/**
 * The pmap suite: the pmap routines, called as the VM calls them, and accesses of a CPU in ring 0
 * and ring 3 through the page tables they make, against a model of both.
 */
@NullMarked
package dev.kmemu.campaign.pmap;

import org.jspecify.annotations.NullMarked;
