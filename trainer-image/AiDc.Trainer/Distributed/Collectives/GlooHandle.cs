using Microsoft.Win32.SafeHandles;

namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>A native group; freed once no call is inside it any more.</summary>
internal sealed class GlooHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        GlooNative.Destroy(handle);
        return true;
    }
}
