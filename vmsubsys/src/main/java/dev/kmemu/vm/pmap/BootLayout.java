package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.memory.PhysicalAddress;

/**
 * What {@code pmap_bootstrap} leaves behind.
 *
 * @param tables the page tables it built
 * @param firstAvailable the first physical page that is free for the VM
 * @param kernelTables {@code nkpt}: page tables preset at KvaStart, and again at KERNBASE
 * @param virtualStart {@code virtual_start}: the first free KVA above the kernel image
 */
public record BootLayout(
    PageTables tables, PhysicalAddress firstAvailable, int kernelTables, long virtualStart) {}
