package dev.kmemu.testkit;

import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.Pmap;

/**
 * What a user program runs in.
 *
 * @param map what may be touched
 * @param pmap the page tables
 */
public record UserSpace(VmMap map, Pmap pmap) {}
