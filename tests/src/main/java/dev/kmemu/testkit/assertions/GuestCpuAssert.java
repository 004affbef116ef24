package dev.kmemu.testkit.assertions;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.testkit.guest.GuestCpu;
import org.assertj.core.api.AbstractAssert;

/** Has the CPU make an access, which assertions follow on. */
public final class GuestCpuAssert extends AbstractAssert<GuestCpuAssert, GuestCpu> {

  /** What is stored where the test doesn't care. */
  static final long ANY_VALUE = 0x5A5A_5A5A_5A5A_5A5AL;

  GuestCpuAssert(GuestCpu guest) {
    super(guest, GuestCpuAssert.class);
  }

  /** Loads 8 bytes. */
  public LoadAssert load(VirtualAddress address) {
    return new LoadAssert(actual, actual.load(address));
  }

  /** Loads 8 bytes. */
  public LoadAssert load(long va) {
    return load(new VirtualAddress(va));
  }

  /**
   * Loads.
   *
   * @param bytes 1, 2, 4 or 8
   */
  public LoadAssert load(VirtualAddress address, int bytes) {
    return new LoadAssert(actual, actual.load(address, bytes));
  }

  /** Stores 8 bytes of no particular value. */
  public StoreAssert store(VirtualAddress address) {
    return store(address, ANY_VALUE);
  }

  /** Stores 8 bytes of no particular value. */
  public StoreAssert store(long va) {
    return store(new VirtualAddress(va));
  }

  /** Stores 8 bytes. */
  public StoreAssert store(VirtualAddress address, long value) {
    return new StoreAssert(actual, actual.store(address, value));
  }

  /** Stores 8 bytes. */
  public StoreAssert store(long va, long value) {
    return store(new VirtualAddress(va), value);
  }

  /** Fetches an instruction. */
  public FetchAssert fetch(VirtualAddress address) {
    return new FetchAssert(actual, actual.fetch(address));
  }

  /** Fetches an instruction. */
  public FetchAssert fetch(long va) {
    return fetch(new VirtualAddress(va));
  }
}
