/** DragonFly BSD kernel VM, in Java. */
@NullMarked
package dev.kmemu.vm;

import org.jspecify.annotations.NullMarked;
