package dev.kmemu.conformance;

import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;

import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.Pmap;

/**
 * Four pages in a row, writable, of which the CPU uses one.
 *
 * @param start the first of them; all have the same page
 * @param va the one that is used
 * @param page what is mapped
 * @param other a page that isn't mapped yet
 */
record Mapped(Pmap pmap, long start, long va, VmPage page, VmPage other) {

  static Mapped inKernel(TestedKernel kernel) {
    return in(kernel, kernel.kernelPmap(), kernel.kva(4));
  }

  static Mapped in(TestedKernel kernel, Pmap pmap, long start) {
    VmPage page = kernel.page();
    for (int i = 0; i < 4; i++) {
      pmap.enter(start + i * PAGE, page, RW, false);
    }
    return new Mapped(pmap, start, start + PAGE, page, kernel.page());
  }

  long end() {
    return start + 4 * PAGE;
  }
}
