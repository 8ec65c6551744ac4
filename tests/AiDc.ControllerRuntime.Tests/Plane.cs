using AiDc.Testing;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>The control plane of this assembly: started by the first test that wants it, ended with the last test.</summary>
[SetUpFixture]
public sealed class Plane
{
    private static readonly SemaphoreSlim Gate = new(1);
    private static ControlPlane? plane;

    public static async Task<ControlPlane> GetAsync()
    {
        await Gate.WaitAsync();
        try
        {
            return plane ??= await ControlPlane.StartAsync(new() { Rbac = true, Users = [("nobody", "nobody-token", "strangers")] });
        }
        finally
        {
            Gate.Release();
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (plane is not null) await plane.DisposeAsync();
    }
}
