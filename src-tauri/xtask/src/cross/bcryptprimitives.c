/* Random bytes as Windows gives them, for a Wine that lacks this library. */
#include <stddef.h>

__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *bytes, unsigned long size);

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *bytes, size_t size)
{
    const unsigned long most = 1UL << 30;
    while (size > 0) {
        unsigned long some = size > most ? most : (unsigned long)size;
        if (!SystemFunction036(bytes, some))
            return 0;
        bytes += some;
        size -= some;
    }
    return 1;
}
