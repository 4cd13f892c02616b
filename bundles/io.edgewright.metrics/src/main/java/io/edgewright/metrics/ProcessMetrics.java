// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import io.edgewright.metrics.Exposition.Type;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/** How the gateway's process is. Names are those that every Prometheus client for Java uses. */
final class ProcessMetrics {

    private final Exposition out;
    private final Proc proc;

    ProcessMetrics(Exposition out, Proc proc) {
        this.out = out;
        this.proc = proc;
    }

    void write() {
        process();
        memory();
        buffers();
        threads();
        collectors();
    }

    private void process() {
        String start = "process_start_time_seconds";
        long millis = ManagementFactory.getRuntimeMXBean().getStartTime();
        out.family(start, Type.GAUGE, "When the process started, in seconds since 1970.")
                .sample(start, millis / 1000.0);
        String cpu = "process_cpu_seconds_total";
        ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(Duration::toMillis)
                .ifPresent(time ->
                        out.family(cpu, Type.COUNTER, "Processor time used.").sample(cpu, time / 1000.0));
        gauge("process_resident_memory_bytes", "Memory of the process in RAM.", proc.residentBytes());
        gauge("process_virtual_memory_bytes", "Address space of the process.", proc.virtualBytes());
        gauge("process_open_fds", "Open files and sockets.", proc.openFiles());
        gauge("process_max_fds", "Files and sockets that the process may open.", proc.maxFiles());
        gauge("edgewright_memory_available_bytes", "Memory of the machine that is still free.", proc.availableBytes());
    }

    private void gauge(String name, String help, OptionalLong value) {
        value.ifPresent(number -> out.family(name, Type.GAUGE, help).sample(name, number));
    }

    private void memory() {
        memory("jvm_memory_used_bytes", "Memory of the virtual machine in use.", MemoryUsage::getUsed);
        memory("jvm_memory_committed_bytes", "Memory given to the virtual machine.", MemoryUsage::getCommitted);
        memory("jvm_memory_max_bytes", "Memory it may use; -1 if unlimited.", MemoryUsage::getMax);
    }

    private void memory(String name, String help, ToLongFunction<MemoryUsage> value) {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        out.family(name, Type.GAUGE, help)
                .sample(name, value.applyAsLong(memory.getHeapMemoryUsage()), "area", "heap")
                .sample(name, value.applyAsLong(memory.getNonHeapMemoryUsage()), "area", "nonheap");
    }

    private void buffers() {
        String name = "jvm_buffer_pool_used_bytes";
        out.family(name, Type.GAUGE, "Memory of buffers outside the heap.");
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            out.sample(name, pool.getMemoryUsed(), "pool", pool.getName());
        }
    }

    private void threads() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        out.family("jvm_threads_current", Type.GAUGE, "Threads now.")
                .sample("jvm_threads_current", threads.getThreadCount());
        out.family("jvm_threads_peak", Type.GAUGE, "Most threads at once.")
                .sample("jvm_threads_peak", threads.getPeakThreadCount());
        out.family("jvm_threads_started_total", Type.COUNTER, "Threads ever started.")
                .sample("jvm_threads_started_total", threads.getTotalStartedThreadCount());
        out.family("jvm_classes_currently_loaded", Type.GAUGE, "Classes loaded now.")
                .sample(
                        "jvm_classes_currently_loaded",
                        ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    }

    private void collectors() {
        String name = "jvm_gc_collection_seconds";
        out.family(name, Type.SUMMARY, "Garbage collections and the time they took.");
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            out.sample(name + "_count", Math.max(0, collector.getCollectionCount()), "gc", collector.getName())
                    .sample(
                            name + "_sum",
                            Math.max(0, collector.getCollectionTime()) / 1000.0,
                            "gc",
                            collector.getName());
        }
    }
}
