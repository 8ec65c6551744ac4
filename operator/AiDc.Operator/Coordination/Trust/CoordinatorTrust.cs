using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.Operator.Configuration;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Coordination.Trust;

/// <summary>
/// Keeps what the coordinator shows to the world: its server certificate, in memory only, and the address and bundle that pods get.
/// Read again now and then, as the Service may get another address and another replica may have rotated the authority.
/// </summary>
internal sealed partial class CoordinatorTrust(
    AuthorityStore store, IKubernetesClient client, IOptions<OperatorOptions> options, TimeProvider clock, ILogger<CoordinatorTrust> logger)
    : BackgroundService, ICoordinatorEndpoint
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(30);

    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Shown? shown;
    private volatile string? problem;

    public string? Problem => shown is null ? problem : null;
    /// <summary>Whether TLS handshakes can be answered.</summary>
    public bool IsReady => shown is not null;

    /// <summary>The certificates that other replicas' certificates are checked against.</summary>
    public X509Certificate2Collection Authorities
    {
        get
        {
            var bundle = new X509Certificate2Collection();
            bundle.ImportFromPem(shown?.Endpoint.CaBundle ?? "");
            return bundle;
        }
    }

    public async ValueTask<CoordinatorEndpoint?> GetAsync(CancellationToken ct)
    {
        if (shown is null)
            await tried.Task.WaitAsync(ct);
        return shown?.Endpoint;
    }

    /// <summary>What Kestrel shows in a handshake. A peer that comes before the authority was read waits, until its handshake is given up.</summary>
    public async ValueTask<SslServerAuthenticationOptions> ServerOptionsAsync(CancellationToken ct)
    {
        if (shown is null)
            await ready.Task.WaitAsync(ct);
        return new()
        {
            ServerCertificateContext = shown!.Context,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            ClientCertificateRequired = false,
        };
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RefreshAsync(stoppingToken);
                failed = false;
            }
            // Whatever it is: a Secret that somebody has edited must not end the operator, again and again.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failed)
                    RefreshFailed(e);
                failed = true;
                problem = $"the coordinator's certificate authority cannot be used: {e.Message}";
            }
            tried.TrySetResult();
            await Task.Delay(failed ? FirstRetry : Refresh, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RefreshAsync(CancellationToken ct)
    {
        var authorities = await store.LoadAsync(ct);
        var serviceAddress = await ServiceAddressAsync(ct);
        var endpoint = new CoordinatorEndpoint(Address(serviceAddress), authorities.BundlePem);
        var names = Names(serviceAddress);
        var now = clock.GetUtcNow();
        if (shown is { } old && old.Signer == authorities.Current && old.Names == names && old.RenewAt > now)
        {
            shown = old with { Endpoint = endpoint };
            return;
        }
        var certificate = authorities.Current.Issue(names, now, ServerLifetime);
        // The one before is left to the collector: handshakes under way still use it.
        shown = new Shown(endpoint, authorities.Current, names, SslStreamCertificateContext.Create(certificate, null, offline: true), now + (ServerLifetime * 2 / 3));
        ready.TrySetResult();
        Showing(endpoint.Address, certificate.NotAfter);
    }

    private async Task<string?> ServiceAddressAsync(CancellationToken ct)
    {
        var service = await client.GetAsync<V1Service>(new NamespacedName(options.Value.Namespace, options.Value.ServiceName), ct);
        return service?.Spec?.ClusterIP is { Length: > 0 } ip && ip != "None" ? ip : null;
    }

    private string Address(string? serviceAddress)
    {
        var o = options.Value;
        return o.CoordinatorAddress.Length > 0 ? o.CoordinatorAddress.TrimEnd('/') : LeaderIdentity.Url(serviceAddress ?? o.PodIP, o.CoordinatorPort);
    }

    private ServerNames Names(string? serviceAddress)
    {
        var o = options.Value;
        var others = new List<string> { o.PodIP };
        if (serviceAddress is not null)
            others.Add(serviceAddress);
        if (o.CoordinatorAddress.Length > 0)
            others.Add(new Uri(o.CoordinatorAddress).Host);
        return ServerNames.For(o.ServiceName, o.Namespace, others);
    }

    [LoggerMessage(2111, LogLevel.Information, "Coordinator at {Address}, certificate valid until {NotAfter:u}")]
    private partial void Showing(string address, DateTime notAfter);

    [LoggerMessage(2112, LogLevel.Warning, "The coordinator's certificate authority could not be read; trying again each second")]
    private partial void RefreshFailed(Exception e);

    private sealed record Shown(
        CoordinatorEndpoint Endpoint, CertificateAuthority Signer, ServerNames Names, SslStreamCertificateContext Context, DateTimeOffset RenewAt);
}
