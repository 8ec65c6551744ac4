namespace AiDc.Gateway.Hosting;

/// <summary>Marks connections to the port of the metrics and the probes, so that no caller's path can reach those.</summary>
internal interface IAdminConnection;

internal sealed class AdminConnection : IAdminConnection
{
    public static readonly AdminConnection Instance = new();
}
