package dev.kmemu.campaign.pmap;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Step;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapMappings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does the pmap routines on a kernel and on the model of it. */
final class PmapOperations {

  private static final int[] PROTECTIONS = {VmProt.NONE, VmProt.READ, VmProt.READ | VmProt.WRITE};

  private final PmapKernel kernel;
  private final PmapModel model;
  private final PmapFeatures features;
  private final Suspects suspects;

  PmapOperations(PmapKernel kernel, PmapModel model, PmapFeatures features, Suspects suspects) {
    this.kernel = kernel;
    this.model = model;
    this.features = features;
    this.suspects = suspects;
  }

  void enter(PmapVerb verb, int space, int at, int pageNumber, boolean writable, boolean wired) {
    ModelPage page = model.page(pageNumber);
    if (space == PmapModel.KERNEL && !page.managed) {
      return;
    }
    concerns(verb, space, at);
    concerns(verb, page);
    int prot = VmProt.READ | VmProt.EXECUTE | (writable ? VmProt.WRITE : 0);
    kernel.pmap(space).enter(PmapAddresses.at(at), kernel.page(pageNumber), prot, wired);
    model.enter(space, at, page, writable, wired);
  }

  void remove(PmapVerb verb, int space, int from, int to) {
    concernsRange(verb, space, from, to);
    kernel.pmap(space).remove(PmapAddresses.at(from), end(to));
    for (int at = from; at <= to; at++) {
      model.remove(space, at);
    }
  }

  void removePages(PmapVerb verb, int space, int from, int to) {
    concernsRange(verb, space, from, to);
    kernel.pmap(space).removePages(PmapAddresses.at(from), end(to));
    for (int at = from; at <= to; at++) {
      ModelMapping mapping = model.at(space, at);
      if (mapping != null && mapping.managed && !mapping.wired) {
        model.remove(space, at);
      }
    }
  }

  void protect(PmapVerb verb, int space, int from, int to, int protection) {
    concernsRange(verb, space, from, to);
    int prot = PROTECTIONS[protection];
    kernel.pmap(space).protect(PmapAddresses.at(from), end(to), prot);
    for (int at = from; at <= to; at++) {
      if (prot == VmProt.NONE) {
        model.remove(space, at);
      } else if (prot == VmProt.READ) {
        model.withdrawWrite(space, at);
      }
    }
  }

  void changeWiring(PmapVerb verb, int space, int at, boolean wired) {
    ModelMapping mapping = model.at(space, at);
    if (mapping != null) {
      concerns(verb, space, at);
      kernel.pmap(space).changeWiring(PmapAddresses.at(at), wired);
      model.setWired(mapping, wired);
    }
  }

  void kenter(PmapVerb verb, int at, int page) {
    concerns(verb, PmapModel.KERNEL, at);
    kernel.vm().kernelEnter().kenter(PmapAddresses.at(at), kernel.page(page).physAddr());
    model.kenter(at, model.page(page));
  }

  void kremove(PmapVerb verb, int at) {
    concerns(verb, PmapModel.KERNEL, at);
    kernel.vm().kernelEnter().kremove(PmapAddresses.at(at));
    model.kenter(at, null);
  }

  void qenter(PmapVerb verb, int from, int page, int count) {
    int pages = Math.min(count, PmapAddresses.COUNT - from);
    List<VmPage> entered = new ArrayList<>();
    for (int i = 0; i < pages; i++) {
      int number = (page + i) % PmapVerb.Operands.PAGES;
      entered.add(kernel.page(number));
      concerns(verb, PmapModel.KERNEL, from + i);
      model.kenter(from + i, model.page(number));
    }
    kernel.vm().kernelEnter().qenter(PmapAddresses.at(from), entered);
  }

  void qremove(PmapVerb verb, int from, int count) {
    int pages = Math.min(count, PmapAddresses.COUNT - from);
    for (int i = 0; i < pages; i++) {
      concerns(verb, PmapModel.KERNEL, from + i);
      model.kenter(from + i, null);
    }
    kernel.vm().kernelEnter().qremove(PmapAddresses.at(from), pages);
  }

  /** Does a routine on one page. */
  @Nullable Failure onPage(PmapVerb verb, Step step) {
    ModelPage page = model.page(step.index(0));
    if (!page.managed) {
      return null;
    }
    concerns(verb, page);
    page.mappings.forEach(mapping -> suspects.note(verb, mapping.space, mapping.at));
    VmPage actual = kernel.page(page.number);
    PmapMappings mappings = kernel.vm().pmap().mappings();
    kernel.vm().tokens().vm().get();
    try {
      switch (verb) {
        case PAGE_PROTECT -> pageProtect(page, actual, PROTECTIONS[step.index(1)]);
        case CLEAR_MODIFY -> {
          mappings.clearModify(actual);
          page.clearModify();
        }
        case CLEAR_REFERENCE -> {
          mappings.clearReference(actual);
          page.clearReference();
        }
        case TS_REFERENCED -> {
          return differs(
              verb, page, page.takeReferences(), mappings.testAndClearReferenced(actual));
        }
        case IS_MODIFIED -> {
          return differs(verb, page, page.isModified(), mappings.isModified(actual));
        }
        case LAUNDER -> {
          actual.clearFlag(PageFlags.REFERENCED);
          kernel.vm().paging().reclaim().undirty(actual);
          page.referenced = false;
          page.dirty = false;
        }
        default -> throw new AssertionError(verb);
      }
    } finally {
      kernel.vm().tokens().vm().release();
    }
    return null;
  }

  private void pageProtect(ModelPage page, VmPage actual, int prot) {
    kernel.vm().pmap().mappings().pageProtect(actual, prot);
    if (prot == VmProt.NONE) {
      model.removeAll(page);
    } else if (prot == VmProt.READ) {
      page.withdrawWrite();
    }
  }

  private static @Nullable Failure differs(
      PmapVerb verb, ModelPage page, Object expected, Object actual) {
    return expected.equals(actual)
        ? null
        : Failure.of(verb.word(), verb.word(), expected + " for " + page, actual);
  }

  void zero(ModelPage page) {
    kernel.vm().pageContents().zeroPage(page.frame);
    page.zero();
    PageImage.writeCode(kernel.vm().ram(), page);
  }

  void copy(ModelPage from, ModelPage to) {
    kernel.vm().pageContents().copyPage(from.frame, to.frame);
    System.arraycopy(from.words, 0, to.words, 0, ModelPage.WORDS);
    // Its code says another frame now; what is data must have come by the copy.
    PageImage.writeCode(kernel.vm().ram(), to);
  }

  void pinit(int space) {
    if (!model.isLive(space)) {
      kernel.pinit(space);
      model.setLive(space, true);
    }
  }

  void switchTo(int space) {
    if (model.isLive(space)) {
      kernel.switchTo(space);
      model.switchTo(space);
    }
  }

  /** Removes all mappings of a space and ends it. */
  void release(PmapVerb verb, int space) {
    if (!model.isLive(space)) {
      return;
    }
    if (model.current() == space) {
      switchTo(PmapModel.KERNEL);
    }
    concernsRange(verb, space, 0, PmapAddresses.USER_COUNT - 1);
    kernel.removeAll(space);
    for (int at = 0; at < PmapAddresses.USER_COUNT; at++) {
      model.remove(space, at);
    }
    Pmap pmap = kernel.pmap(space);
    kernel.release(space);
    model.setLive(space, false);
    if (kernel.vm().userPmaps().live().contains(pmap)) {
      throw new IllegalStateException(pmap + " is live after pmap_release");
    }
  }

  private void concernsRange(PmapVerb verb, int space, int from, int to) {
    for (int at = from; at <= to; at++) {
      concerns(verb, space, at);
    }
  }

  private void concerns(PmapVerb verb, int space, int at) {
    ModelMapping mapping = model.at(space, at);
    suspects.note(verb, space, at);
    if (mapping != null) {
      suspects.notePage(verb, mapping.page.number);
    }
    features.situation(verb, mapping, space == PmapModel.KERNEL || space == model.current());
  }

  private void concerns(PmapVerb verb, ModelPage page) {
    suspects.notePage(verb, page.number);
    features.sharing(verb, page);
  }

  /** Returns the end of the range whose last page is {@code to}. */
  private static long end(int to) {
    return PmapAddresses.at(to) + VmArith.PAGE_SIZE;
  }
}
