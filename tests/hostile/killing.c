/* Kills the process at its n-th act on a file system: loaded before the C library, which everything goes through. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

static long left = 0;  /* acts until the end; 0: not armed */
static int torn = 0;   /* whether the last write is begun and not finished */

void kill_at(long n, int half) { left = n; torn = half; }

static int is_last(void) { return left > 0 && --left == 0; }
static void end(void) { kill(getpid(), SIGKILL); pause(); }

#define ACT(type, name, params, args) \
    type name params { \
        static type(*real) params; \
        if (!real) real = (type(*) params) dlsym(RTLD_NEXT, #name); \
        if (is_last()) end(); \
        return real args; \
    }
#define WRITE(name, params, half, args) \
    ssize_t name params { \
        static ssize_t(*real) params; \
        if (!real) real = (ssize_t(*) params) dlsym(RTLD_NEXT, #name); \
        if (is_last()) { if (torn && count > 1) real half; end(); } \
        return real args; \
    }
#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        static int (*real)(const char *, int, ...); \
        if (!real) real = (int (*)(const char *, int, ...)) dlsym(RTLD_NEXT, #name); \
        va_list list; va_start(list, flags); mode_t mode = va_arg(list, int); va_end(list); \
        if ((flags & (O_CREAT | O_TRUNC)) && is_last()) end(); \
        return real(path, flags, mode); \
    }

WRITE(write, (int fd, const void *data, size_t count), (fd, data, count / 2), (fd, data, count))
WRITE(pwrite, (int fd, const void *data, size_t count, off_t at), (fd, data, count / 2, at), (fd, data, count, at))
WRITE(pwrite64, (int fd, const void *data, size_t count, off64_t at), (fd, data, count / 2, at), (fd, data, count, at))
OPEN(open)
OPEN(open64)
ACT(int, fsync, (int fd), (fd))
ACT(int, fdatasync, (int fd), (fd))
ACT(int, ftruncate, (int fd, off_t size), (fd, size))
ACT(int, ftruncate64, (int fd, off64_t size), (fd, size))
ACT(int, rename, (const char *from, const char *to), (from, to))
ACT(int, unlink, (const char *path), (path))
ACT(int, unlinkat, (int fd, const char *path, int flags), (fd, path, flags))
ACT(int, rmdir, (const char *path), (path))
ACT(int, mkdir, (const char *path, mode_t mode), (path, mode))
