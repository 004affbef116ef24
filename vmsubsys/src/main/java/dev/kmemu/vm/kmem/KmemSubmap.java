package dev.kmemu.vm.kmem;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.map.VmMap;

/**
 * What {@code kmem_suballoc} made.
 *
 * @param min the first address
 * @param max the end, exclusive
 */
public record KmemSubmap(VmMap map, VirtualAddress min, VirtualAddress max) {}
