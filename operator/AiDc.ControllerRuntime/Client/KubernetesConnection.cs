using k8s;

namespace AiDc.ControllerRuntime.Client;

/// <summary>Opens a <see cref="Kubernetes"/> whose connections notice a dead server.</summary>
internal static class KubernetesConnection
{
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    public static Kubernetes Open(KubernetesClientConfiguration configuration, KubernetesApiClientOptions options)
    {
        var setup = configuration.FirstMessageHandlerSetup;
        // Each client needs its own settings, and the configuration is shared: it is put back as it was.
        lock (configuration)
        {
            configuration.UserAgent ??= options.UserAgent;
            configuration.FirstMessageHandlerSetup = handler =>
            {
                handler.KeepAlivePingDelay = PingDelay;
                handler.KeepAlivePingTimeout = PingTimeout;
                handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
                handler.ConnectTimeout = options.RequestTimeout < TimeSpan.FromSeconds(10) ? options.RequestTimeout : TimeSpan.FromSeconds(10);
                handler.InitialHttp2StreamWindowSize = 1 << 20;
                handler.EnableMultipleHttp2Connections = true;
                // No tracing headers: the server does not read them, and every create would pay for them.
                handler.ActivityHeadersPropagator = null;
                setup?.Invoke(handler);
            };
            try
            {
                return new(configuration);
            }
            finally
            {
                configuration.FirstMessageHandlerSetup = setup;
            }
        }
    }
}
