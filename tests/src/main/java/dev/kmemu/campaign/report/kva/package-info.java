/** A picture of kernel virtual memory: what is mapped where, and by which page tables. */
@NullMarked
package dev.kmemu.campaign.report.kva;

import org.jspecify.annotations.NullMarked;
