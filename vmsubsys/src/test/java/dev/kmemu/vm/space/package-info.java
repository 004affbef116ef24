/** User address spaces beside a model of what each page of them holds. */
@NullMarked
package dev.kmemu.vm.space;

import org.jspecify.annotations.NullMarked;
