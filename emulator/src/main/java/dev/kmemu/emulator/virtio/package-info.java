/**
 * Virtio devices behind memory-mapped registers (Virtual I/O Device 1.2): a transport, the queues
 * that it shares with the guest, and the devices.
 */
@NullMarked
package dev.kmemu.emulator.virtio;

import org.jspecify.annotations.NullMarked;
