package dev.kmemu.vm.report;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * A wired kernel mapping and its page.
 *
 * @param object the name of the object that holds the page, "-" for none
 * @param pindex the page's index in it, unsigned
 * @param wireCount how many wired entries map the page
 */
public record WiredPageReport(
    VirtualAddress kva, PhysicalAddress pa, String object, long pindex, int wireCount) {}
