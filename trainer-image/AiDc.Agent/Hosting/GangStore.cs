using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using AiDc.Agent.Stores;
using AiDc.Api;

namespace AiDc.Agent.Hosting;

/// <summary>The store that this agent offers for a generation, and who of the gang failed first in it.</summary>
internal sealed class GangStore(string address, Action<string> note, TimeProvider time)
{
    private const string FirstFailure = "aidc/first-failure";

    private StoreServer? server;
    private long generation;

    /// <summary>Opens a store for a generation, unless there is one for it, and closes the one before.</summary>
    /// <returns>Where it listens, as peers read it.</returns>
    public byte[] Offer(long of)
    {
        if (generation != of || server is null)
        {
            Close();
            (server, generation) = (StoreServer.Open(note), of);
        }

        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{address} {server.Port}"));
    }

    /// <returns>Host and port; null where it is no such address.</returns>
    public static (string Host, int Port)? Read(byte[] blob) =>
        Encoding.UTF8.GetString(blob).Split(' ') is [{ Length: > 0 } host, var port]
            && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536 ? (host, number) : null;

    /// <summary>Says that this worker failed, unless another did before it.</summary>
    /// <returns>Whether it was the first; false also where the store is not reached.</returns>
    public async Task<bool> ClaimAsync(GenerationStore where, int position, CancellationToken ct)
    {
        var value = Encoding.ASCII.GetBytes(position.ToString(CultureInfo.InvariantCulture));
        return where.IsOwn && generation == where.Generation && server is not null
            ? server.TryClaim(FirstFailure, value)
            : await StoreClaim.TryAsync(where.Host, where.Port, FirstFailure, value, time, ct) == true;
    }

    public void Close()
    {
        if (server is { } old)
            _ = Task.Run(async () => await old.DisposeAsync());
        server = null;
    }

    /// <summary>The address that peers reach this pod by: of the named interface, or that by which the operator is reached.</summary>
    /// <exception cref="AgentOptionsException">The interface has none.</exception>
    public static string OwnAddress(Func<string, string?> variable)
    {
        if (variable(PodVariables.Interface) is { Length: > 0 } name)
        {
            return NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(i => i.Name == name)?.GetIPProperties().UnicastAddresses
                    .OrderBy(a => a.Address.AddressFamily).FirstOrDefault(a => !a.Address.IsIPv6LinkLocal)?.Address.ToString()
                ?? throw new AgentOptionsException($"{PodVariables.Interface}={name}: there is no such interface here with an address");
        }

        if (!Uri.TryCreate(variable(PodVariables.Coordinator), UriKind.Absolute, out var operatorAddress))
            return IPAddress.Loopback.ToString();
        using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(operatorAddress.Host, operatorAddress.Port); // Of a datagram socket: chooses the way and sends nothing.
        var own = ((IPEndPoint)socket.LocalEndPoint!).Address;
        return (own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own).ToString();
    }
}

/// <summary>Where the store of a generation is.</summary>
/// <param name="IsOwn">It is this agent's.</param>
internal sealed record GenerationStore(long Generation, string Host, int Port, bool IsOwn);
